; Interrupts that belong to no service of their own: unexpected ones, the FPU's, NMI, the disk channels', print screen,
; equipment and memory size.

; A hardware interrupt nobody has claimed is masked, so that it cannot come again and again; a software interrupt or a
; processor exception is only noted.
unexpected:
        push ds
        push ax
        mov ds, [cs:bda_segment]
        mov al, 0x0b                    ; in-service registers
        out port_pic1, al
        io_delay
        in al, port_pic1
        mov ah, al
        test al, al
        jz .software
        test al, 0x04
        jnz .second
        in al, port_pic1_mask
        or al, ah
        out port_pic1_mask, al
        jmp .end_first
.second:
        mov al, 0x0b
        out port_pic2, al
        io_delay
        in al, port_pic2
        mov ah, al
        test al, al
        jz .end_first
        in al, port_pic2_mask
        or al, ah
        out port_pic2_mask, al
        mov al, 0x20
        out port_pic2, al
.end_first:
        mov al, 0x20
        out port_pic1, al
        jmp .noted
.software:
        mov ah, 0xff
.noted:
        mov [bda.last_interrupt], ah
        pop ax
        pop ds
        iret

; IRQ 7 is also what the controller answers when an interrupt went away before it was asked for.
irq7:
        push ax
        mov al, 0x0b
        out port_pic1, al
        io_delay
        in al, port_pic1
        test al, 0x80
        jz .spurious
        mov al, 0x20
        out port_pic1, al
.spurious:
        pop ax
        iret

; IRQ 9 stands where IRQ 2 was on the first PC.
irq9:
        push ax
        mov al, 0x20
        out port_pic2, al
        pop ax
        int 0x0a
        iret

; The FPU's error: programs of the first PC expect it as NMI.
irq13:
        push ax
        mov al, 0
        out port_fpu_clear, al
        mov al, 0x20
        out port_pic2, al
        out port_pic1, al
        pop ax
        int 0x02
        iret

irq14:
        push ds
        push ax
        mov ds, [cs:bda_segment]
        mov byte [bda.ata_interrupt], 0xff
        mov al, 0x20
        out port_pic2, al
        out port_pic1, al
        sti
        mov ax, 0x9100                  ; whoever waits for the disk may go on
        int 0x15
        pop ax
        pop ds
        iret

irq15:
        push ds
        push ax
        mov al, 0x0b
        out port_pic2, al
        io_delay
        in al, port_pic2
        test al, 0x80
        jz .spurious                    ; only the first controller knows of it
        ds_ebda
        mov byte [ebda.ata_waiting], 0xff
        mov al, 0x20
        out port_pic2, al
.spurious:
        mov al, 0x20
        out port_pic1, al
        pop ax
        pop ds
        iret

; Memory parity and channel check stop the machine, as on an AT; anything else is the FPU's and goes unheard.
nmi:
        push ax
        in al, port_b
        test al, 0xc0
        jnz .broken
        pop ax
        iret
.broken:
        mov si, .text
        call print
        cli
.stop:
        hlt
        jmp .stop
.text:  db 13, 10, "A memory or expansion card reports an error (NMI). The machine is stopped.", 13, 10, 0

int11:
        push ds
        mov ds, [cs:bda_segment]
        mov ax, [bda.equipment]
        pop ds
        iret

int12:
        push ds
        mov ds, [cs:bda_segment]
        mov ax, [bda.memory_kb]
        pop ds
        iret

; F000:F065: to the video service that is installed, or home where there is none.
video_service:
        push ax
        push ax                         ; room for a far address under the saved AX
        push ax
        push bp
        push ds
        mov bp, sp
        ds_ebda
        cmp word [ebda.video_vector + 2], 0
        je .none
        mov ax, [ebda.video_vector]
        xchg ax, [bp + 6]
        mov ax, [ebda.video_vector + 2]
        mov [bp + 8], ax
        mov ax, [bp + 4]
        pop ds
        pop bp
        add sp, 2
        retf
.none:
        pop ds
        pop bp
        pop ax
        pop ax
        pop ax
        iret

; Print screen: 0050:0000 is 1 while it runs, FFh after a printer error.
int05:
        sti
        push ax
        push bx
        push cx
        push dx
        push ds
        mov ax, 0x50
        mov ds, ax
        cmp byte [0], 1
        je .busy
        mov byte [0], 1
        mov ah, 0x0f
        int 0x10
        mov cl, ah                      ; columns; BH = page
        mov ch, 25
        push ds
        mov ds, [cs:bda_segment]
        mov al, [bda.rows]
        test al, al
        jz .rows_known
        inc al
        mov ch, al
.rows_known:
        pop ds
        push cx
        mov ah, 3
        int 0x10
        pop cx
        push dx                         ; where the cursor was
        call .new_line
        jnz .error
        xor dx, dx
.character:
        mov ah, 2
        int 0x10
        mov ah, 8
        int 0x10
        test al, al
        jnz .visible
        mov al, ' '
.visible:
        push dx
        xor dx, dx
        mov ah, 0
        int 0x17
        mov al, ah
        pop dx
        test al, 0x29
        jnz .error
        inc dl
        cmp dl, cl
        jb .character
        mov dl, 0
        call .new_line
        jnz .error
        inc dh
        cmp dh, ch
        jb .character
        mov byte [0], 0
        jmp .restore
.error:
        mov byte [0], 0xff
.restore:
        pop dx
        mov ah, 2
        int 0x10
.busy:
        pop ds
        pop dx
        pop cx
        pop bx
        pop ax
        iret
.new_line:                              ; NZ after a printer error
        push dx
        xor dx, dx
        mov ax, 13
        int 0x17
        test ah, 0x29
        jnz .end
        mov ax, 10
        int 0x17
        test ah, 0x29
.end:
        pop dx
        ret
