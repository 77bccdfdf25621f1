; The floppy controller (82077AA): command and result bytes, its interrupt, reset, seeks, DMA channel 2.
; DS = 40h throughout. Status in AH, as INT 13h gives it; carry with it where it is not 0.

fdc_cmd_specify         equ 0x03
fdc_cmd_sense_drive     equ 0x04
fdc_cmd_write           equ 0xc5        ; both heads, MFM
fdc_cmd_read            equ 0xe6        ; and deleted data skipped
fdc_cmd_recalibrate     equ 0x07
fdc_cmd_sense           equ 0x08
fdc_cmd_read_id         equ 0x4a
fdc_cmd_format          equ 0x4d
fdc_cmd_seek            equ 0x0f
fdc_cmd_perpendicular   equ 0x12
fdc_cmd_verify          equ 0x56        ; one head, MFM

irq6:
        push ds
        push ax
        mov ds, [cs:bda_segment]
        or byte [bda.recalibrated], 0x80
        mov al, 0x20
        out port_pic1, al
        sti
        mov ax, 0x9101                  ; whoever waits for the floppy may go on
        int 0x15
        pop ax
        pop ds
        iret

; Command byte AL. Carry: the controller takes none. Changes nothing else.
fdc_out:
        push dx
        push cx
        push ax
        mov cx, 2000
        mov dx, port_fdc_status
.again:
        in al, dx
        and al, 0xc0
        cmp al, 0x80
        je .ready
        push cx
        mov cx, 1
        call refresh_wait
        pop cx
        loop .again
        pop ax
        stc
        jmp .done
.ready:
        pop ax
        mov dx, port_fdc_data
        out dx, al
        clc
.done:
        pop cx
        pop dx
        ret

; The results, up to seven bytes, into bda.fdc_result. Carry: the controller stays busy.
fdc_results:
        push dx
        push cx
        push bx
        push ax
        mov bx, bda.fdc_result
.byte:
        mov dx, port_fdc_status
        mov cx, 2000
.again:
        in al, dx
        test al, 0x80
        jz .wait
        test al, 0x40
        jz .complete                    ; it wants a command again
        mov dx, port_fdc_data
        in al, dx
        mov [bx], al
        inc bx
        cmp bx, bda.fdc_result + 7
        jb .byte
.complete:
        clc
        jmp .done
.wait:
        push cx
        mov cx, 1
        call refresh_wait
        pop cx
        loop .again
        stc
.done:
        pop ax
        pop bx
        pop cx
        pop dx
        ret

; Before a command that ends with an interrupt.
fdc_expect:
        and byte [bda.recalibrated], 0x7f
        ret

; Waits for the interrupt, two seconds. Carry and AH = 80h: it did not come, and the controller has to be reset.
fdc_wait:
        push cx
        push dx
        mov ax, 0x9001
        int 0x15
        jc .timeout
        mov dx, [bda.ticks]
        mov cx, 0xffff                  ; wakings, should a program have taken the tick over
.again:
        cli
        test byte [bda.recalibrated], 0x80
        jnz .came
        mov ax, [bda.ticks]
        sub ax, dx
        cmp ax, 40
        jae .timeout
        call idle
        loop .again
.timeout:
        sti
        call fdc_reset_quickly
        mov ah, disk_timeout
        stc
        jmp .done
.came:
        sti
        and byte [bda.recalibrated], 0x7f
        clc
.done:
        pop dx
        pop cx
        ret

; Pulses the reset bit; the heads' places are unknown then.
fdc_reset_quickly:
        push ax
        push cx
        push dx
        cli
        and byte [bda.recalibrated], 0x70
        mov al, [bda.motors]
        and al, 0x0f
        mov cl, 4
        shl al, cl
        or al, 0x08                     ; DMA and interrupts on, reset
        mov dx, port_fdc_output
        out dx, al
        mov cx, 2
        call refresh_wait
        or al, 0x04
        out dx, al
        sti
        pop dx
        pop cx
        pop ax
        ret

; Reset, with the four interrupt states it leaves read away, and the drive timing set again.
fdc_reset:
        push cx
        call fdc_expect
        call fdc_reset_quickly
        call fdc_wait
        jc .fail
        mov cx, 4
.drive:
        mov al, fdc_cmd_sense
        call fdc_out
        jc .fail
        call fdc_results
        jc .fail
        loop .drive
        mov al, fdc_cmd_specify
        call fdc_out
        jc .fail
        mov bl, 0
        call floppy_parameter
        call fdc_out
        mov bl, 1
        call floppy_parameter
        call fdc_out
        jc .fail
        mov ah, 0
        clc
        pop cx
        ret
.fail:
        mov ah, disk_controller
        stc
        pop cx
        ret

; AL = byte BL of the table at INT 1Eh. Changes nothing else.
floppy_parameter:
        push ds
        push si
        mov ds, [cs:zero_word]
        lds si, [0x1e * 4]
        push bx
        mov bh, 0
        mov al, [si + bx]
        pop bx
        pop si
        pop ds
        ret

; Moves the heads of drive DI to cylinder AL (as the drive counts). Nothing to do if they are there.
fdc_seek:
        push bx
        push cx
        mov bl, al
        mov cx, di
        mov al, 1
        shl al, cl
        test [bda.recalibrated], al
        jnz .placed
        call fdc_recalibrate
        jc .done
.placed:
        cmp bl, [di + bda.floppy_track]
        je .good
        call fdc_expect
        mov al, fdc_cmd_seek
        call fdc_out
        jc .hung
        mov ax, di
        call fdc_out
        jc .hung
        mov al, bl
        call fdc_out
        jc .hung
        mov [di + bda.floppy_track], bl
        call fdc_seek_end
        jc .done
.good:
        mov ah, 0
        clc
.done:
        pop cx
        pop bx
        ret
.hung:
        call fdc_reset
        mov ah, disk_controller
        stc
        jmp .done

; Waits for the end of a seek or recalibration.
fdc_seek_end:
        call fdc_wait
        jc .done
        mov al, fdc_cmd_sense
        call fdc_out
        jc .controller
        call fdc_results
        jc .controller
        mov al, [bda.fdc_result]
        and al, 0xe0
        cmp al, 0x20                    ; seek end, normal termination
        je .good
        mov cx, di                      ; where it stopped nobody knows
        mov al, 1
        shl al, cl
        not al
        and [bda.recalibrated], al
        mov ah, disk_seek
        stc
        ret
.good:
        clc
.done:
        ret
.controller:
        mov ah, disk_controller
        stc
        ret

; Heads of drive DI to cylinder 0. A recalibration gives up after 79 steps, so a second may be needed.
fdc_recalibrate:
        push cx
        mov cx, 2
.again:
        push cx
        call fdc_expect
        mov al, fdc_cmd_recalibrate
        call fdc_out
        jc .hung
        mov ax, di
        call fdc_out
        jc .hung
        call fdc_seek_end
        pop cx
        jnc .good
        cmp ah, disk_seek
        jne .bad
        loop .again
.bad:
        stc
        pop cx
        ret
.good:
        mov cx, di
        mov al, 1
        shl al, cl
        or [bda.recalibrated], al
        mov byte [di + bda.floppy_track], 0
        mov ah, 0
        clc
        pop cx
        ret
.hung:
        pop cx
        call fdc_reset
        mov ah, disk_controller
        jmp .bad

; AH = what the result bytes of a transfer say, carry if it is bad.
fdc_status:
        mov al, [bda.fdc_result]
        and al, 0xc0
        mov ah, 0
        jz .good
        cmp al, 0x40
        jne .controller
        mov al, [bda.fdc_result + 1]
        mov ah, disk_not_found
        test al, 0x80                   ; beyond the end of the cylinder
        jnz .bad
        mov ah, disk_crc
        test al, 0x20
        jnz .bad
        mov ah, disk_dma_overrun
        test al, 0x10
        jnz .bad
        mov ah, disk_not_found
        test al, 0x04
        jnz .bad
        mov ah, disk_write_protected
        test al, 0x02
        jnz .bad
        mov ah, disk_no_address_mark
        test al, 0x01
        jnz .bad
.controller:
        mov ah, disk_controller
.bad:
        stc
        ret
.good:
        clc
        ret

; Programs DMA channel 2 for CX bytes at the caller's ES:BX, AL = mode. Carry and AH = 09h: they cross a 64 KiB boundary.
dma_program:
        push bx
        push cx
        push dx
        mov dh, al
        dec cx                          ; the controller counts from 0
        push cx
        mov ax, es
        mov cl, 4
        rol ax, cl
        pop cx
        mov dl, al
        and dl, 0x0f                    ; address bits 16-19
        and al, 0xf0
        add ax, [caller_bx]
        adc dl, 0
        mov bx, ax
        add ax, cx
        mov ah, disk_dma_boundary
        jc .done
        cli
        mov al, 0x06                    ; channel 2 off
        out port_dma_mask, al
        io_delay
        out port_dma_clear, al          ; low byte first
        io_delay
        mov al, dh
        out port_dma_mode, al
        io_delay
        mov al, bl
        out port_dma_address_2, al
        io_delay
        mov al, bh
        out port_dma_address_2, al
        io_delay
        mov al, dl
        out port_dma_page_2, al
        io_delay
        mov al, cl
        out port_dma_count_2, al
        io_delay
        mov al, ch
        out port_dma_count_2, al
        io_delay
        mov al, 0x02
        out port_dma_mask, al
        sti
        mov ah, 0
        clc
.done:
        pop dx
        pop cx
        pop bx
        ret
