; The pointing device behind the keyboard controller: INT 15h AH=C2h, IRQ 12.
; Errors in AH: 1 function, 2 argument, 3 interface, 5 no handler (PS/2 BIOS Technical Reference).

; Is there a controller with a second port, and a mouse behind it? Equipment bit 2.
init_mouse:
        cli
        mov al, 0xa8                    ; on; a controller without the port keeps its bit 5
        call controller_command
        call controller_get_mode
        jc .none
        test al, 0x20
        jnz .none
        mov al, 0xa7
        call controller_command
        call controller_get_mode
        jc .none
        test al, 0x20
        jz .none
        call mouse_begin
        mov al, 0xf5
        call mouse_send
        jc .absent
        mov al, 0xf2
        call mouse_send
        jc .absent
        call mouse_receive
        jc .absent
        mov ds, [cs:bda_segment]
        or byte [bda.equipment], 0x04
        call mouse_end
        call open_mouse_interrupt
        sti
        ret
.absent:
        call mouse_end
        mov al, mode_keyboard
        call controller_mode
.none:
        sti
        ret

controller_get_mode:
        mov al, 0x20
        call controller_command
        mov cx, 1000
        jmp controller_read

open_mouse_interrupt:
        in al, port_pic2_mask
        and al, 0xef
        out port_pic2_mask, al
        in al, port_pic1_mask
        and al, 0xfb
        out port_pic1_mask, al
        ret

; Around a conversation with the mouse: the keyboard is silent meanwhile, and interrupts are off.
mouse_begin:
        cli
        mov al, 0xad
        call controller_command
        mov al, 0xa8
        call controller_command
        ret
mouse_end:
        mov al, mode_both
        call controller_mode
        ret

; Sends AL to the mouse. Carry: it did not acknowledge. Data that was on its way before is lost.
mouse_send:
        push cx
        push dx
        push ax
        mov al, 0xd4
        call controller_command
        pop ax
        call controller_data
        mov dl, 16
.answer:
        call mouse_receive
        jc .done
        cmp al, 0xfa
        je .done                        ; carry is clear
        cmp al, 0xfe
        je .fail
        dec dl
        jnz .answer
.fail:
        stc
.done:
        pop dx
        pop cx
        ret

; AL = a byte from the mouse. Carry: none in 30 ms.
mouse_receive:
        push cx
        mov cx, 2000
.again:
        call controller_read
        jc .done
        test ah, 0x20
        jz .again                       ; the keyboard's last one
        clc
.done:
        pop cx
        ret

; The same, waiting as long as a mouse may need to reset itself.
mouse_receive_slowly:
        push cx
        mov cx, 40000
        call controller_read
        pop cx
        ret

int15_mouse:
        test byte [bda.equipment], 0x04
        jz .interface
        cmp al, (.functions_end - .functions) / 2
        jae .function
        mov bl, al
        mov bh, 0
        shl bx, 1
        mov si, [cs:bx + .functions]
        mov bx, [caller_bx]
        call si
        mov [caller_ah], al
        test al, al
        jz .done
.carry:
        or byte [caller_flags], carry_flag
.done:
        ret
.interface:
        mov byte [caller_ah], 3
        jmp .carry
.function:
        mov byte [caller_ah], 1
        jmp .carry
.functions:
        dw mouse_enable, mouse_reset, mouse_set_rate, mouse_set_resolution
        dw mouse_get_type, mouse_initialise, mouse_extended, mouse_set_handler
.functions_end:

; Each returns AL = error. BX = the caller's. DS = 40h.
mouse_enable:
        cmp bh, 1
        ja .argument
        mov al, 0xf5
        jb .send
        push ds
        ds_ebda
        test byte [ebda.mouse_package], 0x80
        mov byte [ebda.mouse_state], 0
        pop ds
        mov al, 5
        jz .done
        call open_mouse_interrupt
        mov al, 0xf4
.send:
        jmp mouse_command
.argument:
        mov al, 2
.done:
        ret

; One command byte AL.
mouse_command:
        push ax
        call mouse_begin
        pop ax
        call mouse_send
mouse_finish:                           ; AL = 3 with carry, else 0
        mov al, 0
        jnc .good
        mov al, 3
.good:
        push ax
        call mouse_end
        pop ax
        ret

; Two bytes: AL, then AH.
mouse_command2:
        push ax
        call mouse_begin
        pop ax
        push ax
        call mouse_send
        pop ax
        jc mouse_finish
        mov al, ah
        call mouse_send
        jmp mouse_finish

mouse_reset:
        call mouse_begin
        mov al, 0xff
        call mouse_send
        jc mouse_finish
        call mouse_receive_slowly
        jc mouse_finish
        mov [caller_bl], al             ; AAh
        call mouse_receive
        jc mouse_finish
        mov [caller_bh], al             ; 00h
        push ds
        ds_ebda
        mov byte [ebda.mouse_state], 0
        pop ds
        clc
        jmp mouse_finish

mouse_set_rate:
        mov al, 2
        cmp bh, 7
        jae .done
        mov bl, bh
        mov bh, 0
        mov ah, [cs:bx + .rates]
        mov al, 0xf3
        jmp mouse_command2
.done:
        ret
.rates: db 10, 20, 40, 60, 80, 100, 200

mouse_set_resolution:
        mov al, 2
        cmp bh, 4
        jae .done
        mov ah, bh
        mov al, 0xe8
        jmp mouse_command2
.done:
        ret

mouse_get_type:
        call mouse_begin
        mov al, 0xf2
        call mouse_send
        jc mouse_finish
        call mouse_receive
        jc mouse_finish
        mov [caller_bh], al
        clc
        jmp mouse_finish

mouse_initialise:
        mov al, 2
        dec bh
        cmp bh, 8
        jae .done
        push ds
        ds_ebda
        and byte [ebda.mouse_package], 0xf8
        or [ebda.mouse_package], bh
        pop ds
        push word [caller_bx]
        call mouse_reset
        pop word [caller_bx]
.done:
        ret

mouse_extended:
        cmp bh, 2
        mov al, 2
        ja .done
        mov al, 0xe7                    ; scaling 2:1
        je .command
        cmp bh, 1
        mov al, 0xe6                    ; 1:1
        je .command
        call mouse_begin
        mov al, 0xe9
        call mouse_send
        jc mouse_finish
        call mouse_receive
        jc mouse_finish
        mov [caller_bl], al             ; status
        call mouse_receive
        jc mouse_finish
        mov [caller_cl], al             ; resolution
        call mouse_receive
        jc mouse_finish
        mov [caller_dl], al             ; rate
        clc
        jmp mouse_finish
.command:
        jmp mouse_command
.done:
        ret

; ES:BX; 0:0 takes the handler away.
mouse_set_handler:
        mov ax, es
        ds_ebda
        mov [ebda.mouse_handler], bx
        mov [ebda.mouse_handler + 2], ax
        or ax, bx
        and byte [ebda.mouse_package], 0x7f
        test ax, ax
        jz .done
        or byte [ebda.mouse_package], 0x80
.done:
        mov ds, [cs:bda_segment]
        mov al, 0
        ret

irq12:
        push es
        push ds
        push bp
        push di
        push si
        push dx
        push cx
        push bx
        push ax
        cld
        in al, port_keyboard
        and al, 0x21
        cmp al, 0x21                    ; something, from the mouse: else a command has taken it
        jne .end
        in al, port_keyboard_data
        ds_ebda
        mov bl, [ebda.mouse_state]
        and bx, 0x07
        mov [bx + ebda.mouse_bytes], al
        mov ah, [ebda.mouse_package]
        and ah, 0x07
        cmp bl, ah
        inc bx
        mov [ebda.mouse_state], bl
        jb .end
        mov byte [ebda.mouse_state], 0
        test byte [ebda.mouse_package], 0x80
        jz .end
        mov bh, 0
        mov bl, [ebda.mouse_bytes]
        push bx
        mov bl, [ebda.mouse_bytes + 1]
        push bx
        mov bl, [ebda.mouse_bytes + 2]
        push bx
        mov bl, 0
        cmp ah, 3
        jb .three
        mov bl, [ebda.mouse_bytes + 3]
.three:
        push bx
        sti
        call far [ebda.mouse_handler]
        cli
        add sp, 8
.end:
        mov al, 0x20
        out port_pic2, al
        out port_pic1, al
        pop ax
        pop bx
        pop cx
        pop dx
        pop si
        pop di
        pop bp
        pop ds
        pop es
        iret
